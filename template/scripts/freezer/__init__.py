"""Freeze a Python program with PyInstaller.

A module imports only from those above it. The list is that of all kinds of projects.

processes          run a command, fail with a message
command_line       what does the user of a builder ask for?
user               as which user?
source             what is to be frozen?
commands           which commands does the project have?
remedies           what helps a program that does not start
project            build it
dependencies       install what it needs
plugins            what do installed packages find by entry points?
tools_finder       how PyInstaller finds itself
tools              install PyInstaller
pyinstaller        run it
recipe             what a spec gives to PyInstaller
several_commands   PyInstaller for programs that share a folder
programs           what was made, and what does it do?
judgement          has it started?
contents           what is inside a program, and from where?
components         what is it made of?
origins            which component does each file belong to?
licenses           the texts of the licences
sbom               the list of what is inside
image_sbom         the list of what is in a builder's image
glibc              which glibc does it need?
debian             which Debian package has a library?
libraries          which libraries does it take from the system?
under_wine         what Windows' Python does under Wine
target             what differs between the targets of the builders
trial              freeze and start
systems            the systems of the downloads
environment        install what is frozen
program            freeze by the spec, start, list what is inside
properties         what Windows shows of a program
archive            pack and unpack a folder
image              lay out the image of an app
download           make the programs to download
"""
