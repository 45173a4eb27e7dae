"""bin/run and bin/test: the environment, the embedded servers and the processes of Underpin."""
