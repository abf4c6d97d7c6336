;; A config schema that is valid wherever it is itself valid.
(data (i32.const 0x130) "{\"allOf\":[{\"$ref\":\"#\"}]}")
(data (i32.const 0x2c) "\18")
