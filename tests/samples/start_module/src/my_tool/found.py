import os
FOUND = os.listdir(os.path.dirname(__file__))
