import importlib

NAME = importlib.import_module("library." + "plu" + "gin").NAME
