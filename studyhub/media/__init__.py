"""Read and write transcripts of other programs; sniff, measure and rendition sound."""
