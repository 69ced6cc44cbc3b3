"""Files that several processes, on one machine or on several, share by name: a local directory or an S3 bucket.

Both keep one promise: a file is there whole or not at all, whoever is killed while it is written. Reading goes through
``pyarrow.fs`` (a dependency already, and its S3 client reads ranges, which is how one chunk of a large file is had),
writing through a local directory, because a stream of it that is given up publishes what it got so far. Imports only
what everything may. Deliberately absent: what the files are (``jobs.files``) and who may have them.
"""
