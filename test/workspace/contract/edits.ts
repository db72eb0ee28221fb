/** What programs do to a directory, each in a script of its own. */

/** The directory that they are done to. */
export const editedTree = `
  mkdir -p a/b/c d/e f; echo 1 >a/1; echo 2 >a/b/2; echo 3 >a/b/c/3; head -c 200000 /dev/urandom >d/large
  ln d/large d/e/same; echo x >f/x; ln f/x f/y; ln f/x f/z; ln -s ../a f/link; mkfifo f/pipe
  setfattr -n user.comment -v text a/1; truncate -s 3M d/sparse; echo end >>d/sparse
  head -c 300000 /dev/urandom >d/alone; touch -d @1000000000.123456789 a/b/2 a/b d
`;

/** By kind, and by what is told of them. */
export const edits: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  contents: {
    "a file is written, appended to and cut short":
      "echo other >a/1; echo more >>a/b/2; head -c 70000 /dev/urandom >>d/alone; truncate -s 1 a/b/c/3",
    "a file is written to in its middle, in place":
      "echo x | dd of=d/alone bs=1 seek=100000 conv=notrunc status=none; echo y | dd of=a/1 bs=1 conv=notrunc status=none",
    "a file is replaced by another one of the same size and time":
      "echo 9 >new; touch -r a/1 new; mv new a/1; echo 8 >f/new; touch -r a/b/2 f/new; cp -p f/new a/b/2; rm f/new",
    "a file is written through a memory map": `python3 -c '${[
      "import mmap",
      'for name, at in (("d/alone", 4095), ("d/sparse", 2000000), ("a/1", 0)):',
      '    with open(name, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory: memory[at:at + 1] = b"M"',
    ].join("\n")}'`,
    "holes and ends of files":
      "truncate -s 1M d/large; echo x | dd of=d/sparse bs=1 seek=2000000 conv=notrunc status=none; truncate -s 5M new; fallocate -p -o 4096 -l 65536 d/alone",
    "a file is written that has no name any more":
      "exec 3>>a/1; rm a/1; echo unseen >&3; exec 3>&-; exec 4>gone; rm gone; echo unseen >&4",
    "hundreds of files": "mkdir many; cd many; for i in {1..300}; do echo $i >$i; done",
  },
  "directories with other names": {
    "a directory from below gets another name": "mv a/b a/renamed",
    "it is moved": "mv a/b d/e/moved",
    "it is moved, and something in it again": "mv a/b d/moved; mv d/moved/c f/again",
    "it is moved into what was moved": "mv d moved; mv a/b moved/e/deep",
    "it is moved, and another one takes its name": "mv a/b moved; mkdir a/b; echo own >a/b/own",
    "it is moved away and back": "mv a/b moved; echo in >moved/in; mv moved a/b",
    "two directories take each other's place": "mv a/b tmp; mv f a/b; mv tmp f",
    "a directory from below is renamed over an empty one":
      "mkdir -p n/c; mv -T a/b n/c; mkdir a/b; mv -T a/b n/c/c2",
    "a file from below is renamed over others":
      "mv a/1 a/b/2; mv a/b/c/3 f/link; mv d/alone f/pipe",
  },
  "deleted and made again": {
    "a directory is deleted and made again": "rm -r a; mkdir a; echo new >a/new",
    "a directory is deleted and made again, and what was in it":
      "rm -r a; mkdir -p a/b/c; echo 3 >a/b/c/3",
    "a file is deleted and made again": "rm a/1 a/b/2; echo 1 >a/1; : >a/b/2",
    "a directory becomes a file": "rm -r a; echo file >a",
    "a directory becomes a file and a directory again":
      "rm -r a; echo file >a; rm a; mkdir a; echo 1 >a/1",
    "a file becomes a directory": "rm a/1; mkdir a/1; echo in >a/1/in",
    "a file becomes a directory and a file again": "rm a/1; mkdir a/1; rmdir a/1; echo 1 >a/1",
    "symbolic links take deleted names": "rm -r a; ln -s d a; rm f/x; ln -s nowhere f/x",
    "a symbolic link is deleted and replaced": "rm f/link; mkdir f/link; echo in >f/link/in",
    "everything is deleted": "rm -r -- *",
  },
  "names of files and attributes": {
    "names of one file go their ways": "echo more >>f/x; rm f/y",
    "names of one file are moved": "mv f g; mv g/x x",
    "a file from below gets another name beside its own": "ln a/1 d/linked",
    "a file written new gets three names": "echo n >n; ln n a/n; ln n d/n",
    "modes, owners and times":
      "chmod 700 a; chown 5:6 d/large; touch -d @5 f; touch -hd @7.000000007 f/link; chmod 1777 .; chown -h 7:8 f/link; chmod 4711 a/1",
    "extended attributes come and go":
      "setfattr -x user.comment a/1; setfattr -n user.other -v x a; setfattr -n trusted.own -v y a/b/2; setfattr -h -n trusted.of -v z f/link",
    "what programs call overlayfs's": "setfattr -n trusted.overlay.opaque -v y a; echo z >a/z",
    "pipes, devices and empty files":
      "rm f/pipe; mkfifo a/pipe; : >empty; : >a/b/2; mknod a/null c 1 3; mknod d/block b 7 99",
    "names that are not text": String.raw`mkdir $'\xff'; echo in >$'\xff/\xfe'; mv a $'a\n'; echo long >"$(printf 'n%.0s' {1..255})"`,
    "nothing but a look": "cat a/1 d/large >/dev/null; ls -R >/dev/null; find . -xdev >/dev/null",
  },
};
