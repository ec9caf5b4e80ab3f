from setuptools import setup

setup(name="library", version="1.0", packages=["library"])
