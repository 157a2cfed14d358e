"""How people come in, beside `engine.sessions`, `engine.passwords` and `engine.tokens`: rules, lock-outs, second factor, sign-on."""
