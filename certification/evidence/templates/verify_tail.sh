if [ "$failed" = 0 ]; then
  echo "== everything holds"
else
  echo "== something does not hold: see FAIL above" >&2
fi
exit "$failed"
