#!/usr/bin/env bash
# The Debian packages that the tests need: a browser, Chinese fonts, nginx, PostgreSQL. Root gets them
# installed, anybody else the one line to type. Called by make.
set -euo pipefail

packages=(chromium fonts-noto-cjk nginx-light postgresql)

# Elsewhere the tests say themselves what they miss.
command -v dpkg-query >/dev/null || exit 0

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "测试还需要这些软件包，请先输入：sudo apt-get install -y ${missing[*]}" >&2
  exit 2
fi
echo "正在安装测试用的软件包：${missing[*]}……" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
