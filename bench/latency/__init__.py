"""How long articles and their alerts take by a worker's load.

__main__.py   this checkout beside another, at each load; a table at the end
trial.py      one worker at one load, from empty topics to its figures
"""
