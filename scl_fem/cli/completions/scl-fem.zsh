#compdef scl-fem
# Completion of scl-fem in zsh. Use, after compinit: eval "$(scl-fem completion zsh)"
_scl_fem_completion() {
    local line value
    local -a whole open described
    while IFS= read -r line; do
        [[ -n $line ]] || continue
        value=${line%%$'\t'*}
        if [[ $value == *[/=] ]]; then
            # the word goes on after a folder and after a key
            open+=("$value")
        elif [[ $line == *$'\t'* ]]; then
            described+=("${value//:/\\:}:${line#*$'\t'}")
        else
            whole+=("$value")
        fi
    done < <(_SCL_FEM_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args \
        _TYPER_COMPLETE_ARGS="${(j: :)${(@)words[1,CURRENT]}}" ${(Q)words[1]} 2>/dev/null)
    if (( ! $#whole && ! $#open && ! $#described )); then
        _files
        return
    fi
    local found=1
    (( $#described )) && _describe scl-fem described && found=0
    (( $#whole )) && compadd -- $whole && found=0
    (( $#open )) && compadd -S '' -- $open && found=0
    return found
}
compdef _scl_fem_completion scl-fem
