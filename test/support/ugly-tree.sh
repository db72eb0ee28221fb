#!/usr/bin/env bash
# Makes a directory with everything that a snapshot engine must keep and is likely to lose.
#
#   ugly-tree.sh [--with-socket] [--path-bytes N] DIRECTORY
#
# DIRECTORY must not exist or must be empty. --with-socket adds a Unix socket, which cannot be captured and must be
# reported. --path-bytes is the length of the longest path below DIRECTORY (3950: the system takes 4,095 at once,
# with the path of DIRECTORY before it).
#
# Needs bash, coreutils, findutils and gzip; attr (setfattr) and acl (setfacl) for attributes; root for owners, devices,
# mode 0 and the trusted and security attributes. What this user, machine or file system cannot make is left out, with
# one line "left out: WHAT (WHY)" each. The bytes are the same in every run; the times that are not
# set here are not.
set -euo pipefail
export LC_ALL=C
umask 022

with_socket=no
path_bytes=3950
while [[ ${1-} == --* ]]; do
  case $1 in
    --with-socket) with_socket=yes ;;
    --path-bytes) path_bytes=$2; shift ;;
    *) printf 'ugly-tree.sh: unknown option %s\n' "$1" >&2; exit 2 ;;
  esac
  shift
done
if (($# != 1)); then
  printf 'usage: ugly-tree.sh [--with-socket] [--path-bytes N] DIRECTORY\n' >&2
  exit 2
fi
mkdir -p -- "$1"
cd -- "$1"
if [[ -n $(find . -mindepth 1 -maxdepth 1 -print -quit) ]]; then
  printf 'ugly-tree.sh: %s is not empty\n' "$1" >&2
  exit 2
fi
root=$PWD
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

# attempt WHAT COMMAND...: what fails is left out and said.
attempt() {
  local what=$1 message
  shift
  message=$("$@" 2>&1) || left_out "$what" "${message%%$'\n'*}"
}
left_out() { printf 'left out: %s (%s)\n' "$1" "$2"; }
# needs TOOL WHAT: whether the tool is there.
needs() { command -v "$1" >/dev/null || { left_out "$2" "$1 is not installed"; return 1; }; }
am_root() { ((EUID == 0)) || { left_out "$1" 'needs root'; return 1; }; }
write() { printf '%s\n' "$2" >"./$1"; }
repeat() { local text; printf -v text '%*s' "$2" ''; printf '%s' "${text// /$1}"; }
in_directory() { mkdir -p -- "$1" && cd -- "$1"; }

names() (
  in_directory names
  local name
  # Bytes that are no UTF-8: never valid, overlong, half a surrogate pair, cut off. The twins all decode to the same text.
  for name in $'\xff\xfe\x80 bytes' $'overlong \xc0\xaf' $'surrogate \xed\xa0\x80' $'cut off \xe2\x82' \
    $'twin \xff' $'twin \xfe' $'twin \xef\xbf\xbd'; do
    attempt "name that is not UTF-8 $(printf %q "$name")" write "$name" "$name"
  done
  attempt 'directory that is not UTF-8' mkdir -p -- $'directory \xff\xfe/below \x80'
  [[ ! -d $'directory \xff\xfe' ]] || write $'directory \xff\xfe/below \x80/file \xbf' deep
  for name in $'line\nbreak' $'carriage\rreturn' $'tab\tstop' $'control \x01\x1b[31m' $'delete \x7f' "single ' quote" \
    'double " quote' 'back\slash' -leading-dash -- -rf '*glob?[a-z]' '$HOME' '`id`' '%s%n' '#hash' '~' ... .hidden \
    ' leading space' 'trailing space ' 'a=b' 'a:b' CON case CASE __proto__ constructor toString .wh.whiteout .wh..wh..opq \
    $'emoji \xf0\x9f\x8c\xb3' $'caf\xc3\xa9' $'cafe\xcc\x81' $'\xef\xbd\x9e fullwidth tilde' $'\xe2\x80\xae right to left' \
    $'\xef\xbb\xbfbyte order mark'; do
    attempt "name $(printf %q "$name")" write "$name" "$name"
  done
  attempt '255-byte name' write "$(repeat n 255)" ascii
  attempt '255-byte name of 85 characters' write "$(repeat $'\xe2\x82\xac' 85)" euro
  attempt '255-byte name that is not UTF-8' write "$(repeat $'\xfe' 255)" bytes
  attempt '255-byte directory name' mkdir -- "$(repeat d 255)"
  # A path of a directory sorts elsewhere than its name: "a/b" after "a-" and "a.", before "a0".
  mkdir -p order/a order/a.d
  write order/a/b below
  for name in a- a.b a0 ab a.d/x; do write "order/$name" "$name"; done
)

deep_path() (
  in_directory deep
  local length=4 component
  component=$(repeat p 200)
  while ((length + 202 + 7 <= path_bytes)); do
    mkdir -- "$component"
    cd -- "$component"
    ((length += 201))
  done
  component=$(repeat q $((path_bytes - length - 8)))
  mkdir -- "$component"
  cd -- "$component"
  write bottom 'the bottom'
)

modes() (
  in_directory modes
  local mode
  for mode in 0644 0444 0400 4755 2755 1755 6711 7777; do
    write "file-$mode" "$mode"
    attempt "mode $mode" chmod "$mode" "file-$mode"
    mkdir "directory-$mode"
    attempt "mode $mode of a directory" chmod "$mode" "directory-$mode"
  done
  mkdir read-only-directory
  write read-only-directory/file 'in a directory that cannot be written'
  chmod 0555 read-only-directory
  if am_root 'modes 0 and 0111, which nobody else can read'; then
    write file-0111 '--x--x--x'
    write file-0000 secret
    mkdir -p directory-0111 directory-0000/below
    chmod 0111 file-0111 directory-0111
    write directory-0000/below/file hidden
    chmod 0000 file-0000 directory-0000/below directory-0000
  fi
)

hard_links() (
  in_directory links
  mkdir left right zz
  write pair-1 'a pair in one directory'
  ln pair-1 pair-2
  write right/across 'a group over three directories'
  ln right/across left/across
  ln right/across zz/across
  : >left/empty
  ln left/empty right/empty
  write left/setuid 'linked and setuid'
  ln left/setuid right/setuid
  chmod 4711 left/setuid
  write left/equal 'equal but not linked'
  write right/equal 'equal but not linked'
  # Nothing but the inode tells them apart, whichever side of a clock tick they were written on.
  touch -d '2020-02-02 02:02:02.020202020Z' left/equal right/equal
  ln -s nowhere left/symlink
  attempt 'hard-linked symbolic link' ln -P left/symlink right/symlink
  mkfifo left/fifo
  attempt 'hard-linked FIFO' ln left/fifo right/fifo
  head -c 300000 "$scratch/noise" >left/large
  ln left/large zz/large
)

# place FILE OFFSET SIZE: writes SIZE bytes at OFFSET and keeps the rest.
place() {
  dd if="$scratch/noise" of="$1" bs=64K skip=$(($2 % 1000000)) count="$3" seek="$2" conv=notrunc status=none \
    iflag=skip_bytes,count_bytes,fullblock oflag=seek_bytes
}

sparse_files() (
  in_directory sparse
  truncate -s 100M only-hole
  truncate -s 3M hole-at-start hole-in-middle hole-at-end
  place hole-at-start 2097152 1048576
  place hole-in-middle 0 1000000
  place hole-in-middle 2100000 1045728
  place hole-at-end 0 1048576
  truncate -s 20480 small
  place small 0 4096
  place small 16384 4096
  truncate -s 1G one-gigabyte
  place one-gigabyte 4096 10000
  place one-gigabyte 536870912 65536
  place one-gigabyte 1073737000 4824
  head -c 262144 /dev/zero >zeros-without-hole
)

sizes() (
  in_directory sizes
  local size
  : >0
  for size in 1 31 32 33 2047 2048 4095 4096 4097 16384 65535 65536 65537 131072 1048575 1048576 1048577 3145745 8388608; do
    head -c "$size" "$scratch/noise" >"$size"
  done
  { printf 'ten bytes.'; cat 3145745; } >3145745-with-ten-bytes-before
  cp 65536 65536-again
)

special_files() (
  in_directory special
  mkfifo fifo
  mkfifo -m 0600 fifo-private
  if am_root 'devices'; then
    attempt 'character device 1:3' mknod null c 1 3
    attempt 'block device 7:99' mknod block b 7 99
    attempt 'character device 240:1048575' mknod large-minor c 240 1048575
    attempt 'block device 4095:74565' mknod large-major b 4095 74565
    [[ ! -c null ]] || chmod 0666 null
  fi
  [[ $with_socket == no ]] || attempt 'socket' make_socket socket
)

make_socket() {
  if command -v python3 >/dev/null; then
    python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$1"
  else
    # An orderly end would remove the socket.
    node -e 'require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))' "$1" || [[ -S $1 ]]
  fi
}

symbolic_links() (
  in_directory symlinks
  mkdir directory
  write directory/file 'behind a link'
  ln -s directory/file to-file
  ln -s directory to-directory
  ln -s .. to-parent
  ln -s /etc/hostname absolute
  ln -s "does not exist" dangling
  ln -s self self
  ln -s loop-b loop-a
  ln -s loop-a loop-b
  ln -s directory/ with-slash
  ln -s $'line\nbreak -> arrow' newline
  ln -s ' ' space
  attempt 'symbolic link to bytes that are not UTF-8' ln -s $'target \xff\xfe\x80' bytes
  attempt 'symbolic link with a target of 1,023 bytes' ln -s "$(repeat s 1023)" target-1023
  attempt 'symbolic link with a target of 4,095 bytes' ln -s "$(repeat s 4095)" target-4095
)

attributes() (
  in_directory attributes
  local name
  for name in plain empty binary large many names foreign; do write "$name" "$name"; done
  mkdir directory
  needs setfattr 'extended attributes' || exit 0
  if ! setfattr -n user.probe -v 1 plain 2>"$scratch/message"; then
    left_out 'user attributes' "$(head -n 1 "$scratch/message")"
  else
    setfattr -x user.probe plain
    setfattr -n user.comment -v 'plain text' plain
    setfattr -n user.empty empty
    setfattr -n user.binary -v 0x00ff00fe0a0d5c3d22 binary
    # ext4 keeps all attributes of a file in one block, with their names.
    attempt 'user attribute of 4,096 bytes' setfattr -n user.large -v "$(repeat x 4096)" large
    getfattr --absolute-names -n user.large large &>/dev/null ||
      attempt 'user attribute of 3,900 bytes' setfattr -n user.large -v "$(repeat x 3900)" large
    for name in {a..z}; do setfattr -n "user.$name" -v "value of $name" many; done
    attempt 'attribute name that is not UTF-8' setfattr -n $'user.\xff=\nname' -v strange names
    setfattr -n user.comment -v 'of a directory' directory
    setfattr -n user.comment -v 'of the root' "$root"
  fi
  ln -s nowhere symlink
  mkfifo fifo
  if am_root 'trusted and security attributes'; then
    for name in plain directory symlink fifo; do
      attempt "trusted attribute of $name" setfattr -h -n trusted.coppice -v "trusted of $name" "$name"
      attempt "security attribute of $name" setfattr -h -n security.coppice -v "security of $name" "$name"
    done
    write capability 'may bind low ports'
    write capability-foreign 'another owner, who would lose it'
    attempt 'owner of a file with a capability' chown 12345:54321 capability-foreign
    chmod 0755 capability capability-foreign
    # struct vfs_cap_data, revision 2: effective, permitted CAP_NET_BIND_SERVICE (bit 10).
    for name in capability capability-foreign; do
      attempt "security.capability of $name" setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 "$name"
    done
  fi
)

access_lists() (
  needs setfacl 'access control lists' || exit 0
  in_directory acl
  write probe probe
  if ! setfacl -m u:12345:r probe 2>"$scratch/message"; then
    left_out 'access control lists' "$(head -n 1 "$scratch/message")"
    exit 0
  fi
  write access access
  setfacl -m u:12345:rw,g:54321:r access
  write masked 'the mask hides what the list grants'
  setfacl -m u:12345:rwx masked
  chmod 0640 masked
  mkdir default
  write default/before 'older than the default list'
  setfacl -m u:12345:rwx -d -m u:12345:rwx,g:54321:rx,o::- default
  write default/inherited inherited
  mkdir default/directory
  write default/none 'freed of what it inherited'
  setfacl -b default/none
)

owners() (
  am_root 'other owners' || exit 0
  in_directory owners
  write file file
  mkdir directory
  ln -s nowhere symlink
  mkfifo fifo
  attempt 'owner 12345:54321' chown -h 12345:54321 file directory symlink fifo
  write last-id last
  attempt 'owner 4294967294:4294967294' chown 4294967294:4294967294 last-id
  write setuid 'setuid of another owner, which a later chown would clear'
  attempt 'owner 12345:0' chown 12345:0 setuid
  chmod 6755 setuid
  mkdir setgid
  attempt 'group 54321' chown 0:54321 setgid
  chmod 2775 setgid
  write setgid/inherits 'has the group of its directory'
  write setgid/other 'has its own group'
  chown 0:0 setgid/other
)

# date NAME TIME...: makes files with these times, which are never followed through links.
times() (
  in_directory times
  local name time
  while read -r name time; do
    write "$name" "$time"
    attempt "time $time" touch -h -d "$time" "$name"
  done <<'TIMES'
nanoseconds 2001-09-09 01:46:40.123456789Z
first-nanosecond 2020-01-01 00:00:00.000000001Z
last-nanosecond 2020-01-01 00:00:00.999999999Z
no-double-holds-this 2024-02-29 12:34:56.987654321Z
epoch @0
before-epoch @-0.000000001
minus-one-second @-1
minus-one-second-and-nanoseconds @-1.123456789
year-1902 1902-01-02 03:04:05.678901234Z
year-2038 2038-01-19 03:14:08.000000009Z
year-2400 2400-02-29 23:59:59.999999999Z
TIMES
  ln -s nowhere symlink
  mkfifo fifo
  mkdir -p directory/filled-later
  touch -h -d '1960-05-06 07:08:09.101112131Z' symlink
  touch -h -d '1999-12-31 23:59:59.999999999Z' fifo
  write directory/filled-later/file 'written before the directory gets its time'
  touch -h -d '@-86400.000000001' directory/filled-later
  touch -h -d '2010-10-10 10:10:10.101010101Z' directory
)

empty_directories() (
  in_directory empty
  mkdir -p a/b/c lonely
)

# 9 MB that do not repeat and are the same with every gzip of one kind.
seq 1 4200000 | gzip -n -1 >"$scratch/noise"
names
deep_path
modes
hard_links
sparse_files
sizes
special_files
symbolic_links
attributes
access_lists
owners
times
empty_directories
chmod 0751 .
touch -d '2015-05-05 05:05:05.050505050Z' .
