"""The real template, deployed without AWS: built by SAM, run by ministack, proved over HTTP."""
