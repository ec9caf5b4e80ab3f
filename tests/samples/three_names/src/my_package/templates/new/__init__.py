NAME = 'template'
