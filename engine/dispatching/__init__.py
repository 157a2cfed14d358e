"""Which unit a case is for: proposed by table, precedent and text, with reasons; learnt from closed cases (README there)."""
