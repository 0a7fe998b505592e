"""The catalogue as people write it: the form of one offering, the notation of its contents, and a file of many."""
