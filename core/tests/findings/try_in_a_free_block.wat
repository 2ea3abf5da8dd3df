;; Found by the target `execute`: the first block costs nothing, so that its charge is taken back, and what the try_table protects began behind its end.
(module
  (tag $e)
  (func (export "f") (result i32)
    (block $caught (try_table (catch_all $caught) (nop) (nop)))
    (i32.const 1))
  (func (export "h")
    (try_table (catch_all 0) (nop)))
  (func $throw (throw $e))
  (func (export "g") (result i32)
    (block $caught
      (block (try_table (catch $e $caught) (block (nop)) (call $throw)))
      (return (i32.const 1)))
    (i32.const 2)))
