"""What an edited declaration would change of what is published, before it is merged (`jobs/diff.py` asks).

`ref` has the declarations of a commit, `compared` says how others differ from them and what that can reach, `nights`
what the coming nights make of it. `made` makes the values by the edited declarations, in a `scratch` lake where terms
or tables have to be made again, and `differences` holds them against what an edition says.
"""
