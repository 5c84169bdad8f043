"""The HTTP service that browsers and kernels talk to. Routes translate; they decide nothing."""
