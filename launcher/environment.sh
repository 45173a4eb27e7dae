# Makes .venv hold what $lock pins. bin/run and bin/test source this from the checkout's root.
# A warm start costs one comparison: .venv keeps a copy of the lock that it was made from.
if ! { [ -x .venv/bin/python ] && cmp -s "$lock" ".venv/made-from-$lock"; }; then
  python= bare=
  for candidate in python3.13 python3.12 python3.11 python3 python; do
    # A command may exist and not run (shims of version managers), so ask it.
    "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 || continue
    if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
      python=$candidate
      break
    fi
    bare=$candidate
  done
  if [ -n "$python" ]; then
    "$python" launcher/environment.py "$lock"
  elif [ -n "$bare" ]; then
    echo "$bare cannot make environments: install its venv module (Debian, Ubuntu: apt-get install python3-venv)." >&2
    exit 1
  else
    echo "Underpin needs Python 3.11, 3.12 or 3.13, and none was found: install one of them." >&2
    exit 1
  fi
fi
