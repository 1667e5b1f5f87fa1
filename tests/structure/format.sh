#!/bin/sh
# Every source is formatted; generated files and test data are left out.
cd "$(dirname "$0")/../.." || exit 1
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    list() { git ls-files --cached --others --exclude-standard -- '*.hpp' '*.cpp'; }
else
    list() { find include tools tests bench examples -name '*.[hc]pp'; }
fi
unformatted=$(list | grep -v -e '^single_include/' -e '^tests/data/' | while read -r file; do
    [ ! -e "$file" ] || clang-format-14 -style=file "$file" | cmp -s - "$file" || echo "$file"
done)
[ -n "$unformatted" ] || exit 0
echo "$unformatted"
echo "not formatted; fix: clang-format-14 -i FILE"
exit 1
