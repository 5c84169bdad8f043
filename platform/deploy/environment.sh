#!/usr/bin/env bash
# Builds .venv from a lock and the proxy from its own, when they have changed and not otherwise.
# With --dev the test tools are installed too. Called by make.
set -euo pipefail
cd "$(dirname "$0")/../.."

lock=requirements.lock
[ "${1:-}" = --dev ] && lock=requirements-dev.lock
venv=.venv
log=$venv/install.log

say() { printf '%s\n' "$*" >&2; }
give_up() { say "$*"; exit 2; }

# Stamps hold the sum of what was installed, so that a checkout that only touches a file costs nothing.
sum() { cat "$@" | sha256sum | cut -d' ' -f1; }
done_before() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

find_python() {
  for candidate in "${PYTHON:-}" python3.11 python3 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      printf '%s' "$candidate"
      return
    fi
  done
  give_up "没有找到 Python 3.11。Debian 12：apt-get install python3.11-venv；装在别处：make run PYTHON=路径"
}

make_venv() {
  "$venv/bin/python" -c '' 2>/dev/null && return
  local python
  python=$(find_python)
  rm -rf "$venv"
  if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
    rm -rf "$venv"
    give_up "$python 建不了虚拟环境。Debian 12：apt-get install python3.11-venv"
  fi
}

# Runs pip with a counter in place of its many lines; all of them are in the log.
install_lock() {
  local total
  total=$(grep -c '==' "$lock")
  say "正在安装 $total 个程序包（第一次约需 1 至 2 分钟）……"
  "$venv/bin/python" -m pip install --no-input --disable-pip-version-check --require-hashes -r "$lock" 2>&1 |
    tee "$venv/pip.log" | awk -v total="$total" '
      /^Collecting|^Processing|^Requirement already/ { n++; if (n % 25 == 0) { printf "  已取 %d / %d\n", n, total; fflush() } }
      /^Installing collected/ { print "  正在写入磁盘……"; fflush() }' >&2 ||
    { tail -n 15 "$venv/pip.log" >&2; give_up "程序包没有装成，原因见上；全部记录在 $venv/pip.log。"; }
}

install_python() {
  local wanted stamp
  wanted=$(sum "$lock")
  stamp=$venv/$lock.sum
  # The longer lock holds everything of the shorter one.
  if ! done_before "$stamp" "$wanted" &&
    ! { [ "$lock" = requirements.lock ] && done_before "$venv/both.sum" "$(sum requirements.lock requirements-dev.lock)"; }; then
    install_lock
    printf '%s' "$wanted" >"$stamp"
    [ "$lock" = requirements.lock ] || sum requirements.lock requirements-dev.lock >"$venv/both.sum"
  fi
  wanted=$(sum pyproject.toml)
  stamp=$venv/lawlab.sum
  done_before "$stamp" "$wanted" && return
  "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
    --no-deps --no-build-isolation -e . >"$log" 2>&1 ||
    { tail -n 15 "$log" >&2; give_up "lawlab 没有装成，原因见上。"; }
  printf '%s' "$wanted" >"$stamp"
}

# The official proxy, by the npm of the wheel: nothing else on the machine is used.
install_proxy() {
  local wanted wheel stamp=platform/proxy/node_modules/.lawlab.sum
  wanted=$(sum platform/proxy/package-lock.json)
  done_before "$stamp" "$wanted" && return
  say "正在安装代理程序……"
  wheel=$("$venv/bin/python" -c 'from lawlab.supervise.programs import node; print(node().parents[1])')
  (
    cd platform/proxy
    PATH="$wheel/bin:$PATH" node "$wheel/lib/node_modules/npm/bin/npm-cli.js" \
      ci --omit=dev --no-audit --no-fund --loglevel=error
  ) >"$log" 2>&1 || { tail -n 15 "$log" >&2; give_up "代理程序没有装成，原因见上。"; }
  printf '%s' "$wanted" >"$stamp"
}

make_venv
install_python
install_proxy
