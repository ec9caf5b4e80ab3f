import library

print(library.NAME)
