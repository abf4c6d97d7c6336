;; Says of itself what would paint a terminal: it asks for a namespace that goes on as
;; a line of its own, and its config's description begins with an escape sequence.
(data (i32.const 0x48) "\00\03\00\00\01\00\00\00")
(data (i32.const 0x300) "\10\03\00\00\1e\00\00\00")
(data (i32.const 0x310) "demo\0a  granted   namespaces: *")
(data (i32.const 0x130) "{\"properties\":{\"a\":{\"description\":\"\\u001b[2Jgone\"}}}")
(data (i32.const 0x2c) "\34")
