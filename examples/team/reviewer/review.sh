# Judges whatever it is asked about, until it is stopped.
set -eu
board=$DSPATCH_WORKSPACE_DIR/board
motto=$(printf %s "$DSPATCH_FIELD_MOTTO" | base64 -d)
echo "$DSPATCH_AGENT_KEY waits for tasks"
while true; do
    task=$board/$DSPATCH_AGENT_KEY.task
    if [ -e "$task" ]; then
        subject=$(cat "$task")
        rm "$task"
        printf '%s? I would %s (strict: %s).' "$subject" "$motto" "$STRICT" >"$board/half"
        mv "$board/half" "$board/$DSPATCH_AGENT_KEY.answer"
        echo "judged $subject"
    fi
    sleep 0.05
done
