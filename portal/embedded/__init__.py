"""PostgreSQL and Redis as child processes of whoever starts them, for one machine and for the test suite.

`postgres.embedded_postgres()` and `redis.embedded_redis()` each prepare a folder and return a `child.Child`
with the address to reach it. Nothing here imports Django: the servers run before Django can.
"""
