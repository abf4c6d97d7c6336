;; A config schema that is not JSON, and whose text would repaint a terminal.
(data (i32.const 0x130) "{\1b")
