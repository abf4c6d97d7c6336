;; A config schema that refers to itself and to nothing else.
(data (i32.const 0x130) "{\"$ref\":\"#\"}")
(data (i32.const 0x2c) "\0c")
