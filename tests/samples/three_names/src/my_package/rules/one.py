NAME = 'rule'
