"""Classes as they run: begun and ended, slides, pupils' phones, and the patrol."""
