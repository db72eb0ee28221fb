# Maps a file and writes to its first page what it reads, a line at a time, without ever unmapping it.
#
# usage: python3 write-mapped.py <file>
import mmap
import sys

with open(sys.argv[1], "r+b") as file:
    memory = mmap.mmap(file.fileno(), 0)
    for line in sys.stdin:
        memory[0:1] = line[0:1].encode()
        print("wrote " + line.strip(), flush=True)
