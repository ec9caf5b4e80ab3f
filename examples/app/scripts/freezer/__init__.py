"""Freeze a Python program with PyInstaller."""
