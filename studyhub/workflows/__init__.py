"""Stages of the study: each function is one act, performed by the kernel."""
