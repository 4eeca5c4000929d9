package io.mcpdrivers.benchmark.pool;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import javax.sql.DataSource;

/** A data source whose connections answer everything with nothing: true, zero, null. */
final class StubDataSource {

    private StubDataSource() {}

    static DataSource create() {
        return stub(
                DataSource.class,
                (proxy, method, arguments) -> method.getReturnType() == Connection.class
                        ? stub(Connection.class, StubDataSource::answer)
                        : answer(proxy, method, arguments));
    }

    private static <T> T stub(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(StubDataSource.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object answer(Object proxy, java.lang.reflect.Method method, Object[] arguments) {
        Class<?> type = method.getReturnType();
        if (type == boolean.class) {
            return method.getName().equals("isValid") || method.getName().equals("getAutoCommit");
        }
        if (type == int.class) {
            return method.getName().equals("getTransactionIsolation") ? Connection.TRANSACTION_READ_COMMITTED : 0;
        }
        return type == long.class ? 0L : type == String.class ? "stub" : null;
    }
}
