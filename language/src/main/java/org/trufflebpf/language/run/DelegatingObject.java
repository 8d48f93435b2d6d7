package org.trufflebpf.language.run;

import java.util.List;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.maps.BpfMap;

/** Another loaded object but for its programs, which who extends this looks at or changes. Closing it closes the other. */
public abstract class DelegatingObject implements LoadedObject {
    private final LoadedObject object;

    protected DelegatingObject(LoadedObject object) {
        this.object = object;
    }

    @Override
    public List<String> programNames() {
        return object.programNames();
    }

    @Override
    public int programNumber(String name) {
        return object.programNumber(name);
    }

    @Override
    public BpfMap newMap(MapSpec spec) {
        return object.newMap(spec);
    }

    @Override
    public List<BpfMap> maps() {
        return object.maps();
    }

    @Override
    public void close() {
        object.close();
    }
}
