# Completion of scl-fem in fish. Use: scl-fem completion fish > ~/.config/fish/completions/scl-fem.fish
function __scl_fem_completion
    set -l program (commandline -opc)[1]
    set -l found (env _SCL_FEM_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args _TYPER_COMPLETE_ARGS=(commandline -cp | string collect) $program 2>/dev/null)
    if test -n "$found"
        printf '%s\n' $found
    else
        # where scl-fem has nothing to say: files
        __fish_complete_path (commandline -ct)
    end
end
complete --command scl-fem --no-files --arguments "(__scl_fem_completion)"
