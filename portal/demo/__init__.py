"""Invented people and what they did, for demonstrations, benches and trying things out. Nobody here exists."""
