"""The Python side of mfserv. Needs Python 3.9 and the packages of requirements.txt."""
