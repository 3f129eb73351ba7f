#!/bin/sh
# cronwrap in the environment of mfserv: for a line of any crontab.
self=$0
while [ -h "$self" ]; do
  target=$(readlink "$self")
  case $target in /*) self=$target ;; *) self=${self%/*}/$target ;; esac
done
case $self in */*) bin=${self%/*} ;; *) bin=. ;; esac
bin=$(CDPATH='' cd -- "$bin" && pwd -P) || exit 125

if [ -r /etc/metwork.custom_profile ]; then . /etc/metwork.custom_profile; fi
# A job that mfserv runs has the environment already, with that of its plugin on top.
if [ "${MFMODULE_HOME:-}" != "${bin%/bin}" ]; then
  exports=$("$bin/mfserv" profile) || exit 125
  eval "$exports"
fi
custom=${HOME:-}/.metwork.custom_profile
if [ -r "$custom" ]; then
  [ -O "$custom" ] || [ "$(stat -L -c %u -- "$custom")" = 0 ] || { echo "$custom belongs to another user: set HOME to a directory of your own." >&2; exit 125; }
  . "$custom"
fi
unset custom
case ":$PATH:" in *:/usr/sbin:*) ;; *) PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin ;; esac
NOINTERACTIVE=1
export PATH NOINTERACTIVE
exec "$bin/cronwrap" "$@"
