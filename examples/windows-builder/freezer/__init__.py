"""Freeze the program in /src into /src/dist, and leave nothing else there.

The steps, in the order in which __main__ takes them. A module imports only from those above it.

processes     run a command, fail with a message
command_line  what does the user ask for?
user          as which user?
source        what is to be frozen?
project       which commands has it, and what does it need?
pyinstaller   run PyInstaller
programs      what was made, and does it start?
target        what differs between Linux and Windows
"""
