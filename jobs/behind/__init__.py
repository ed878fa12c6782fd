"""What stands behind a published value, found when it is asked: see `jobs/why.py`.

`vintage` what an edition knew · `cell` one value, made again from its terms · `takes`, `taken` the states it takes ·
`traced` the rows of silver behind a term · `contested`, `unused`, `silent` what does not count, who did not report ·
`refers` other values it is made of · `told` all of that as data, `masking` what of it is not shown of people ·
`landed`, `again`, `verified` its records read again from landing and compared.
"""
