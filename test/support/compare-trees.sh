#!/usr/bin/env bash
# Compares two directory trees with the system's own tools and prints every difference.
#
#   compare-trees.sh [--without ASPECT[,ASPECT...]]... [--limit N] A B
#
# Prints one line for each difference, "-" what A has and "+" what B has, with the aspect and the path; at most N lines
# for each aspect (50). Exit status: 0 equal, 1 different, 2 the comparison could not be made (a tool is missing,
# something cannot be read).
#
# Aspects, each of which --without leaves out:
#   kind        which paths there are, and of which type (find); what differs here is not told again below
#   mode        permission bits, with setuid, setgid, sticky (find)
#   owner       numeric user and group (find)
#   size        of everything but directories (find)
#   times       modification time with nanoseconds (find)
#   targets     of symbolic links (find)
#   devices     major and minor numbers (stat)
#   links       which paths are one file, told by the first path of each group (find)
#   content     bytes of regular files (sha256sum; cmp from 1 MiB on)
#   xattrs      all extended attributes that this user may see (getfattr)
#   acl         access control lists as text (getfacl)
#   holes       a sparse file of more than 64 KiB in A takes at most 64 KiB more space in B (find, stat)
#   root        all of these of A and B themselves
#
# Not compared: access, change and birth times, sizes of directories, inode numbers, and links from outside.
# Names are bytes throughout: records end in a zero byte and have the form PATH//VALUE, as no path contains "//".
set -euo pipefail
export LC_ALL=C

readonly hole_slack=65536
# Bytes from which on a file is compared rather than hashed: reading holes is cheap for cmp.
readonly large_size=1048576

declare -A without=()
limit=50
fail() { printf 'compare-trees.sh: %s\n' "$1" >&2; exit 2; }
while [[ ${1-} == --* ]]; do
  case $1 in
    --without)
      for aspect in ${2//,/ }; do
        [[ $aspect =~ ^(kind|mode|owner|size|times|targets|devices|links|content|xattrs|acl|holes|root)$ ]] || fail "no aspect $aspect"
        without[$aspect]=1
      done
      shift
      ;;
    --limit) limit=$2; shift ;;
    *) fail "unknown option $1" ;;
  esac
  shift
done
(($# == 2)) || fail 'give two directories'
for tree in "$1" "$2"; do [[ -d $tree ]] || fail "$tree is not a directory"; done
for tool in find sort comm stat sha256sum cmp sed awk xargs; do command -v "$tool" >/dev/null || fail "$tool is not installed"; done
[[ -v without[xattrs] ]] || command -v getfattr >/dev/null || fail 'getfattr is not installed (package attr), or give --without xattrs'
[[ -v without[acl] ]] || command -v getfacl >/dev/null || fail 'getfacl is not installed (package acl), or give --without acl'

a=$(cd -- "$1" && pwd -P && printf .) && a=${a%$'\n.'}
b=$(cd -- "$2" && pwd -P && printf .) && b=${b%$'\n.'}
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# Each of these prints the records of the tree in the working directory, in any order.
list_kind() { find . -printf '%p//%y\0'; }
list_mode() { find . -printf '%p//%m\0'; }
list_owner() { find . -printf '%p//%U:%G\0'; }
list_size() { find . ! -type d -printf '%p//%s\0'; }
list_times() { find . -printf '%p//%T@\0'; }
list_targets() { find . -type l -printf '%p//%l\0'; }
list_devices() { find . \( -type b -o -type c \) -print0 | xargs -0 -r stat --printf '%n//%t:%T hexadecimal\0' --; }
list_content() {
  find . -type f -size "-${large_size}c" -print0 | xargs -0 -r sha256sum -z -- | sed -z 's/^\([0-9a-f]*\)  \(.*\)$/\2\/\/\1/'
}
list_xattrs() { find . -print0 | xargs -0 -r getfattr -h -d -m - -e hex --absolute-names -- | paragraphs; }
list_acl() { find . ! -type l -print0 | xargs -0 -r getfacl -n -s -E -p -- | paragraphs; }
# Both tools print "# file: PATH", in which they escape line feeds, and then a line for each value.
paragraphs() { awk '/^# file: /{path = substr($0, 9); next} /^#/ || /^$/{next} {print path "//" $0}' | tr '\n' '\0'; }
list_links() {
  local inode path record members=$work/links.$BASHPID
  local -A first=() grouped=()
  find . ! -type d -links +1 -printf '%D:%i %p\0' | sort -z -k 2 >"$members"
  while IFS= read -r -d '' record; do
    inode=${record%% *} path=${record#* }
    if [[ ! -v first[$inode] ]]; then
      first[$inode]=$path
      continue
    fi
    # The first of a group is told when a second turns up; a link from outside makes no group.
    [[ -v grouped[$inode] ]] || printf '%s//one file with %s\0' "${first[$inode]}" "${first[$inode]}"
    grouped[$inode]=1
    printf '%s//one file with %s\0' "$path" "${first[$inode]}"
  done <"$members"
}

different=0
declare -A settled=()
[[ ! -v without[root] ]] || settled[.]=1

# show TEXT: as it is when a terminal and a log can take it, else quoted as bash would; long values by their beginning.
show() {
  local text=$1 rest=
  ((${#text} <= 4096)) || text=${text:0:200} rest="... (${#1} characters)"
  if [[ $text =~ ^[[:print:]]*$ ]]; then printf %s "$text$rest"; else printf %q%s "$text" "$rest"; fi
}

# report ASPECT SIGN PATH VALUE
report() {
  different=1
  if (((count += 1) <= limit)); then
    printf '%s %s %s: %s\n' "$2" "$1" "$(show "$3")" "$(show "$4")"
  elif ((count == limit + 1)); then
    printf '  %s: more than %s lines, the rest is not shown (--limit)\n' "$1" "$limit"
  fi
}

# compare ASPECT: lists both trees and reports the records that only one of them has.
compare() {
  [[ ! -v without[$1] ]] || return 0
  local count=0 record sign path second
  (cd -- "$a" && "list_$1" | sort -z >"$work/a") &
  second=$!
  (cd -- "$b" && "list_$1" | sort -z >"$work/b") || fail "cannot read $1 of $b"
  wait "$second" || fail "cannot read $1 of $a"
  comm -z -3 "$work/a" "$work/b" >"$work/differences"
  while IFS= read -r -d '' record; do
    # comm puts a tab before what only B has, and a path begins with a dot.
    sign=-
    [[ $record != $'\t'* ]] || sign=+ record=${record#$'\t'}
    path=${record%%//*}
    if [[ -v settled[$path] && $1 != kind ]]; then continue; fi
    [[ $1 != kind ]] || settled[$path]=1
    report "$1" "$sign" "$path" "${record#*//}"
  done <"$work/differences"
}

compare_large_content() {
  [[ ! -v without[content] ]] || return 0
  local count=0 path status
  find "$a" -type f ! -size "-${large_size}c" -printf './%P\0' >"$work/large" || fail "cannot read $a"
  while IFS= read -r -d '' path; do
    # A path that B has as something else, or not at all, was reported as kind; a short file as size.
    [[ ! -L $b/$path && -f $b/$path && ! -v settled[$path] ]] || continue
    status=0
    cmp -s -- "$a/$path" "$b/$path" || status=$?
    ((status < 2)) || fail "cannot compare $path"
    ((status == 0)) || report content - "$path" 'other bytes than in B'
  done <"$work/large"
}

compare_holes() {
  [[ ! -v without[holes] ]] || return 0
  local count=0 record blocks size path allocated
  # In units of 512 bytes, whatever the file system's blocks are.
  find "$a" -type f -size +65536c -printf '%b %s ./%P\0' >"$work/sizes" || fail "cannot read $a"
  while IFS= read -r -d '' record; do
    read -r blocks size _ <<<"${record%%/*}"
    ((blocks * 512 < size)) || continue
    path=./${record#*/}
    [[ ! -L $b/$path && -f $b/$path && ! -v settled[$path] ]] || continue
    allocated=$(stat --format %b -- "$b/$path") || fail "cannot read $path"
    ((allocated * 512 <= blocks * 512 + hole_slack)) ||
      report holes - "$path" "$((blocks * 512)) bytes allocated, in B $((allocated * 512))"
  done <"$work/sizes"
}

# First, since later aspects are told only of paths that both trees have.
compare kind
for aspect in mode owner size times targets devices links content xattrs acl; do compare "$aspect"; done
compare_large_content
compare_holes
exit "$different"
