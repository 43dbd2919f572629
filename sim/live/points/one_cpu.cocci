// arch/um/os-Linux/smp.c: no label of the model. Each time that interrupts go off or on, a kernel with several
// CPUs asks its host to block the signal that another CPU would send. With one CPU nobody sends it.
@ nobody_sends @
@@
__local_ipi_set(...)
{
...
+if (uml_ncpus == 1) return;
sigemptyset(...);
...
}
