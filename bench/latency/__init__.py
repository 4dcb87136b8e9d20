"""How long articles and their alerts take by a worker's load.

__main__.py   this checkout beside another, at each load; a table at the end
stand_in.py   a worker whose articles take a set time and no CPU
trial.py      one worker at one load, from empty topics to its figures
"""
