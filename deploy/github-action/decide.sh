#!/usr/bin/env bash
# The steps of the action. Nothing of the judged change is checked out or executed: its objects are fetched into a bare
# repository and read there; rules and roster come from another repository's default branch.
set -euo pipefail
if [ "$GITHUB_EVENT_NAME" != pull_request_target ]; then
  echo "senior sign-off: run this on pull_request_target; on $GITHUB_EVENT_NAME the workflow would be the change's own" >&2
  exit 2
fi
case "$NUMBER" in '' | *[!0-9]*) echo "senior sign-off: no pull request" >&2; exit 2 ;; esac
export GIT_TERMINAL_PROMPT=0
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
source="$(cd "$GITHUB_ACTION_PATH/../.." && pwd)"

if [ -z "${SIGNOFF:-}" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --require-hashes -r "$source/deploy/requirements.txt"
  "$work/venv/bin/pip" install --quiet --require-hashes -r "$source/deploy/requirements-build.txt"
  "$work/venv/bin/pip" install --quiet --no-deps --no-build-isolation "$source"
  SIGNOFF="$work/venv/bin/signoff"
fi

# The token goes by the environment, so that it stands in no command line and no file.
fetch() { # TOKEN, then git's arguments
  local token="$1"
  shift
  if [ -n "$token" ]; then
    GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraHeader \
      GIT_CONFIG_VALUE_0="Authorization: Basic $(printf 'x-access-token:%s' "$token" | base64 | tr -d '\n')" git "$@"
  else
    git "$@"
  fi
}

git init --quiet --bare "$work/change.git"
fetch "$GITHUB_TOKEN" -C "$work/change.git" fetch --quiet --no-tags "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" \
  "+refs/heads/$BASE:refs/heads/judged-base" "+refs/pull/$NUMBER/head:refs/heads/judged-head"
if ! { fetch "$POLICY_TOKEN" clone --quiet --bare --depth 1 "$GITHUB_SERVER_URL/$POLICY_REPOSITORY" "$work/policy.git" &&
  git -C "$work/policy.git" show "HEAD:$RULES" > "$work/rules.yaml" &&
  git -C "$work/policy.git" show "HEAD:$ROSTER" > "$work/roster.yaml"; }; then
  echo "senior sign-off: $RULES and $ROSTER of $POLICY_REPOSITORY cannot be read: is it private (policy-token)?" >&2
  exit 2
fi

cd "$work/change.git"
code=0
"$SIGNOFF" check --change "github:$GITHUB_REPOSITORY#$NUMBER" --base "$BASE" --rules "$work/rules.yaml" \
  --roster "$work/roster.yaml" judged-base..judged-head > "$work/told" || code=$?
# What other people wrote must not pass for a command to the runner.
quiet="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
echo "::stop-commands::$quiet"
cat "$work/told"
echo "::$quiet::"
if [ "$code" != 0 ]; then
  told="$(head -n 1 "$work/told" | sed 's/%/%25/g')"
  echo "::error title=Senior sign-off::${told:-It could not be told; the log says why.}"
fi
{ echo '```'; sed 's/```/` ` `/g' "$work/told"; echo '```'; } >> "${GITHUB_STEP_SUMMARY:-/dev/null}"
exit "$code"
