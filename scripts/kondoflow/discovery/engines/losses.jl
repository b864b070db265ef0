# Objectives for PySR's `loss_function`, each a function of its own so that it can be passed alone.
# Both are 1 - R^2 on the whole data set after the best map of their family; Inf where the
# expression has no finite value.

# Best affine map: 1 - r^2 with Pearson's r.
function pearson(tree, dataset::Dataset{T,L}, options)::L where {T,L}
    f, complete = eval_tree_array(tree, dataset.X, options)
    (complete && all(isfinite, f)) || return L(Inf)
    df = f .- sum(f) / length(f)
    dy = dataset.y .- sum(dataset.y) / length(f)
    spread = sum(abs2, df)
    spread > 0 || return L(1)
    return L(max(0, 1 - sum(df .* dy)^2 / (spread * sum(abs2, dy))))
end

# Best monotone map, by pooling adjacent violators. Samples with the same f share one value of the
# map, and a falling map onto y is a rising one onto -y.
function isotonic(tree, dataset::Dataset{T,L}, options)::L where {T,L}
    f, complete = eval_tree_array(tree, dataset.X, options)
    (complete && all(isfinite, f)) || return L(Inf)
    n = length(f)
    dy = dataset.y .- sum(dataset.y) / n
    order = sortperm(f)
    total = zeros(T, n)
    members = zeros(Int, n)
    explained = zero(T)
    for direction in (1, -1)
        blocks = 0
        next = 1
        while next <= n
            value = f[order[next]]
            blocks += 1
            total[blocks] = 0
            members[blocks] = 0
            while next <= n && f[order[next]] == value
                total[blocks] += direction * dy[order[next]]
                members[blocks] += 1
                next += 1
            end
            while blocks > 1 &&
                total[blocks - 1] * members[blocks] >= total[blocks] * members[blocks - 1]
                total[blocks - 1] += total[blocks]
                members[blocks - 1] += members[blocks]
                blocks -= 1
            end
        end
        reached = zero(T)
        for block in 1:blocks
            reached += total[block]^2 / members[block]
        end
        explained = max(explained, reached)
    end
    return L(max(0, 1 - explained / sum(abs2, dy)))
end
