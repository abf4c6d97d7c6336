;; Declares 312 MiB before it does anything.
(memory $memory (export "memory") 5000)
