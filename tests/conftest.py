"""What every test may rely on."""

import signal

# A suite that a shell runs in the background ignores Ctrl-C, and so would the programs it sends one to.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
