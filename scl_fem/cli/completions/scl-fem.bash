# Completion of scl-fem in bash 4.4 or newer. Use: eval "$(scl-fem completion bash)"
_scl_fem_completion() {
    local IFS=$'\n' line=${COMP_LINE:0:COMP_POINT} word value
    word=${line##*[[:space:]]}
    COMPREPLY=()
    while read -r value; do
        [[ $value ]] || continue
        value=${value%%$'\t'*}
        # bash begins a new word after each = and : of COMP_WORDBREAKS: it wants what follows
        case $COMP_WORDBREAKS in *=*) [[ $word == *=* ]] && value=${value#"${word%="${word##*=}"}="} ;; esac
        COMPREPLY+=("$value")
    done < <(_SCL_FEM_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args \
        _TYPER_COMPLETE_ARGS="$line" "${COMP_WORDS[0]}" 2>/dev/null)
    # the word goes on after a folder and after a key
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then compopt -o nospace; fi
}
# where scl-fem has nothing to say: files
complete -o default -o nosort -F _scl_fem_completion scl-fem
