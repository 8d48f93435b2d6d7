package org.trufflebpf.maps;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.ArrayList;
import java.util.List;

/** A function that notes what it was called with. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class Calls implements TruffleObject {
    final List<List<Object>> seen = new ArrayList<>();

    @ExportMessage
    boolean isExecutable() {
        return true;
    }

    @ExportMessage
    Object execute(Object... arguments) {
        seen.add(List.of(arguments));
        return 0;
    }
}
